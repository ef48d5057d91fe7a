resource "terraform_data" "x" { input = "x" }
module "m" {
  source = "./m"
  a = terraform_data.x.id
  b = { k = terraform_data.x.output, l = "known" }
}
output "a" { value = module.m.a }
output "b" { value = module.m.b }
output "c" { value = module.m.b.l }
