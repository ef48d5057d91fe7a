resource "terraform_data" "b" { input = "x.tfstate" }
check "c" {
  data "terraform_remote_state" "e" {
    backend = "local"
    config = { path = terraform_data.b.input }
  }
  assert {
    condition = data.terraform_remote_state.e.outputs.n == 1
    error_message = "no"
  }
}
