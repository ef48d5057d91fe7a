module "m" {
  source = "./m"
  path   = "x.tfstate"
}
output "o" {
  value = module.m.a
}
