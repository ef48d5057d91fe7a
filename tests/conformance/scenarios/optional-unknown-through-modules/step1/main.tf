resource "terraform_data" "u" {
  input = { x = 1 }
}
module "m" {
  source = "./m"
  cfg    = { name = terraform_data.u.id, extra = terraform_data.u.output }
  list   = [{ a = terraform_data.u.id }, {}]
  set    = [terraform_data.u.id, "k"]
  map    = { (terraform_data.u.input.x) = terraform_data.u.id }
}
output "m" {
  value = module.m
}
