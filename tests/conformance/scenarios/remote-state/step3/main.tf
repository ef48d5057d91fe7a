data "terraform_remote_state" "net" {
  backend = "local"
  config = {
    path = "${path.module}/net.tfstate"
  }
}
resource "terraform_data" "a" {
  input = data.terraform_remote_state.net.outputs.id
}
output "list" {
  value = data.terraform_remote_state.net.outputs["list"]
}
