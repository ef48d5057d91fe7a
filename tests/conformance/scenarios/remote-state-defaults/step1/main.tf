data "terraform_remote_state" "net" {
  backend = "local"
  config = {
    path = "net.tfstate"
  }
  defaults = {
    extra = 5
    id    = "def"
  }
}
output "all" {
  value = data.terraform_remote_state.net.outputs
}
output "def" {
  value = data.terraform_remote_state.net.defaults
}
output "ws" {
  value = data.terraform_remote_state.net.workspace
}
output "cfg" {
  value = data.terraform_remote_state.net.config
}
