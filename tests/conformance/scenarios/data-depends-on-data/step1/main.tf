resource "terraform_data" "b" { triggers_replace = 1 }
data "terraform_remote_state" "d" {
  backend = "local"
  config = { path = terraform_data.b.input == null ? "x.tfstate" : "q" }
}
data "terraform_remote_state" "e" {
  backend = "local"
  config = { path = "x.tfstate" }
  depends_on = [data.terraform_remote_state.d]
}
data "terraform_remote_state" "f" {
  backend = "local"
  config = { path = data.terraform_remote_state.d.backend == "local" ? "x.tfstate" : "q" }
}
output "n" { value = [data.terraform_remote_state.e.outputs.n, data.terraform_remote_state.f.outputs.n] }
