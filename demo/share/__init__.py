"""Links, files and posters of a drawing."""
