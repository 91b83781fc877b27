"""Reading strokes and pictures: preparation of the network's input, answers, and whole numbers."""
