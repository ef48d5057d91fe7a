data "terraform_remote_state" "s" {
  backend = "local"
  config  = { path = "x.tfstate" }
}
data "terraform_remote_state" "t" {
  backend = "local"
  config  = { path = "x.tfstate" }
}
resource "terraform_data" "r" {
  input = data.terraform_remote_state.s.outputs.a
}
