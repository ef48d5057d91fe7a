data "terraform_remote_state" "e" {
  backend = "local"
  config = { path = "${path.root}/x.tfstate" }
}
output "n" { value = data.terraform_remote_state.e.outputs.n }
