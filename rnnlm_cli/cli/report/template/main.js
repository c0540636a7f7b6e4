heat();
bars();
compare();
units();
curves();
words();
samples();
paint();
