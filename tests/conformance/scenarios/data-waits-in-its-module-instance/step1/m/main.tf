variable "v" {}
resource "terraform_data" "b" { triggers_replace = var.v }
data "terraform_remote_state" "e" {
  backend = "local"
  config = { path = terraform_data.b.input == null ? "${path.root}/x.tfstate" : "q" }
}
output "n" { value = data.terraform_remote_state.e.outputs.n }
