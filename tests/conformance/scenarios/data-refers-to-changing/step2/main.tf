resource "terraform_data" "a" { input = 2 }
data "terraform_remote_state" "e" {
  backend = "local"
  config = { path = "${terraform_data.a.input}.tfstate" }
}
data "terraform_remote_state" "f" {
  backend = "local"
  config = { path = "${terraform_data.a.id != "" ? 2 : 3}.tfstate" }
}
output "n" { value = data.terraform_remote_state.e.outputs.n }
