"""The page's words: phrases, and the Chinese translation."""
