module "m" {
  source = "./m"
  p      = "net.tfstate"
}
output "id" {
  value = module.m.id
}
