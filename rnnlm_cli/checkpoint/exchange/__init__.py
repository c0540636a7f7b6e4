"""Models as files of other programs: of torch, of ONNX runtimes, of the book, of word2vec's."""
