resource "terraform_data" "b" { input = 3 }
data "terraform_remote_state" "e" {
  backend = "local"
  config = { path = terraform_data.b.id != "" ? "x.tfstate" : "q" }
}
resource "terraform_data" "c" { input = data.terraform_remote_state.e.outputs.n }
