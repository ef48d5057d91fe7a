module "m" {
  source   = "./m"
  for_each = toset(["a"])
}
moved {
  from = module.m[1]
  to   = module.m["a"]
}
