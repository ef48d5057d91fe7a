data "terraform_remote_state" "net" {
  backend = "local"
  config = {
    path = "net.tfstate"
  }
}
resource "terraform_data" "x" {
  for_each = toset(data.terraform_remote_state.net.outputs.list)
  input    = each.key
}
locals {
  l = { for k, v in terraform_data.x : k => v.output }
}
output "l" {
  value = local.l
}
