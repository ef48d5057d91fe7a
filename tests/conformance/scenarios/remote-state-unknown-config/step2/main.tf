resource "terraform_data" "p" {
  input = "net.tfstate"
}
data "terraform_remote_state" "net" {
  backend = "local"
  config = {
    path = terraform_data.p.output
  }
}
output "o" {
  value = data.terraform_remote_state.net.outputs.id
}
