module "flat" {
  source   = "./m"
  for_each = toset(["k\"ey", "ü"])
}
moved {
  from = module.outer.module.inner
  to   = module.flat["ü"]
}
