variable "p" {}
data "terraform_remote_state" "net" {
  backend = "local"
  config  = { path = var.p }
}
resource "terraform_data" "r" {
  input = data.terraform_remote_state.net.outputs.id
}
output "id" {
  value = terraform_data.r.output
}
