module "n" {
  source   = "./m"
  for_each = toset(["one"])
  n        = 2
}
moved {
  from = module.m
  to   = module.n
}
module "s" {
  source   = "./s"
  for_each = toset(["a"])
  k        = each.key
}
