module "n" { 
  source = "./m"
  for_each = toset(["x", "y"])
}
moved {
  from = module.m[0]
  to = module.n["x"]
}
moved {
  from = module.m[1]
  to = module.n["y"]
}
