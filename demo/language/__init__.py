"""The page's words: phrases, and the Chinese translation zh.json, whose keys are the English texts."""
