resource "terraform_data" "a" { input = 1 }
data "terraform_remote_state" "s" {
  backend = "local"
  config = { path = "x.tfstate" }
  depends_on = [terraform_data.a]
}
resource "terraform_data" "b" { count = length(keys(data.terraform_remote_state.s.outputs)) }
