resource "terraform_data" "s" {
  input = "v"
}
module "m" {
  source = "./m"
  cfg    = { name = terraform_data.s.output, sub = [{ a = terraform_data.s.id }] }
}
module "n" {
  source = "./m"
  cfg    = terraform_data.s.output == "v" ? { name = "a", sub = [] } : { name = "b", sub = [] }
}
output "o" {
  value = [module.m.o, module.n.o]
}
