module "m" {
  source = "./m"
}
removed {
  from = module.m.module.n
  lifecycle {
    destroy = false
  }
}
