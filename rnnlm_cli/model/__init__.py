"""LSTM language models: layers, the network made of them, sizes and memory."""
