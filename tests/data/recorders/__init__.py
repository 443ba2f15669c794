"""The questions put to Theano 1.0.5, one module per file of answers."""
