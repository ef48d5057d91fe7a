resource "terraform_data" "b" { triggers_replace = 1 }
locals { p = terraform_data.b.input == null ? "x.tfstate" : "q" }
data "terraform_remote_state" "e" {
  backend = "local"
  config = { path = local.p }
  lifecycle {
    postcondition {
      condition = self.outputs.n == 1
      error_message = "no"
    }
  }
}
data "terraform_remote_state" "f" {
  backend = "local"
  config = { path = local.p }
}
output "n" { value = [data.terraform_remote_state.e.outputs.n, data.terraform_remote_state.f.outputs.n] }
