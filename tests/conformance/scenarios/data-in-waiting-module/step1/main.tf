resource "terraform_data" "b" { triggers_replace = 1 }
module "m" {
  source = "./m"
  depends_on = [terraform_data.b]
}
output "n" { value = module.m.n }
