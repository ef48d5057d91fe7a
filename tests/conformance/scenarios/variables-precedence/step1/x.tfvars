d = "file"
e = "file"
