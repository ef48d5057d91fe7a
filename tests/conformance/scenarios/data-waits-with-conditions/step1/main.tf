resource "terraform_data" "a" { input = "x" }
data "terraform_remote_state" "e" {
  backend = "local"
  config = { path = "x.tfstate" }
  lifecycle {
    postcondition {
      condition = self.outputs.n == 1 && terraform_data.a.input == "x"
      error_message = "m"
    }
  }
}
output "n" { value = data.terraform_remote_state.e.outputs.n }
