"""The explanations of an answer, one file each."""
