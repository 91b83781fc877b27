"""LeNet-5: the network, its data, its training and its reading of drawings. Knows of no screen."""
