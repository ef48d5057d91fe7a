resource "terraform_data" "b" { for_each = { a = 1, b = 2 } }
data "terraform_remote_state" "e" {
  for_each = terraform_data.b
  backend = "local"
  config = { path = "x.tfstate" }
}
output "n" { value = { for k, e in data.terraform_remote_state.e : k => e.outputs.n } }
