a = "from tfvars"
b = ["1", 2]
z = 1
