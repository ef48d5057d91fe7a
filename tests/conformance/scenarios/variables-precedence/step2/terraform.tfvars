a = "tfvars"
b = "tfvars"
c = "tfvars"
l = [{ n = 1 }]
