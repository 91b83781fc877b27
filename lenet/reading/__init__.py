"""From strokes and pictures to the network's input, and from its output to an answer."""
