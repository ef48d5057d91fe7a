c = { x = 1 }
w = "auto"
