module "m" {
  source = "./m"
  name   = "n"
}
output "names" { value = module.m.name }
