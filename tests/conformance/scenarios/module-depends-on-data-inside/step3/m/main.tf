data "terraform_remote_state" "r" {
  backend = "local"
  config = {
    path = "${path.module}/s.tfstate"
  }
}
output "o" {
  value = data.terraform_remote_state.r.outputs.x
}
output "const" {
  value = "c"
}
