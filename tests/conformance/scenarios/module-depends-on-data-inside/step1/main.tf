resource "terraform_data" "first" {
  input = "x"
}
module "m" {
  source     = "./m"
  depends_on = [terraform_data.first]
}
output "o" {
  value = module.m.o
}
