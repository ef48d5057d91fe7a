resource "terraform_data" "b" { count = 1 }
data "terraform_remote_state" "e" {
  backend = "local"
  config = { path = terraform_data.b[0].input == null ? "x.tfstate" : "q" }
}
output "n" { value = data.terraform_remote_state.e.outputs.n }
