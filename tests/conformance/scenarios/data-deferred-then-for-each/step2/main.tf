resource "terraform_data" "a" { input = "x" }
data "terraform_remote_state" "s" {
  backend = "local"
  config = { path = "${terraform_data.a.input}.tfstate" }
}
resource "terraform_data" "r" { for_each = toset(data.terraform_remote_state.s.outputs.l) }
