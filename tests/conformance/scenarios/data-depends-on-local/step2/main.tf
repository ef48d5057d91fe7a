resource "terraform_data" "b" { triggers_replace = 1 }
locals { p = terraform_data.b.input }
data "terraform_remote_state" "e" {
  backend = "local"
  config = { path = "x.tfstate" }
  depends_on = [local.p]
}
output "n" { value = data.terraform_remote_state.e.outputs.n }
