resource "terraform_data" "a" { input = "x.tfstate" }
check "c" {
  data "terraform_remote_state" "e" {
    backend = "local"
    config = { path = terraform_data.a.input }
  }
  assert {
    condition = data.terraform_remote_state.e.outputs.n == 2
    error_message = "n is ${data.terraform_remote_state.e.outputs.n}"
  }
}
