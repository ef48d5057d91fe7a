resource "terraform_data" "a" {
  input = 1
}
check "c" {
  data "terraform_remote_state" "net" {
    backend = "local"
    config = {
      path = terraform_data.a.output == 1 ? "net.tfstate" : "x"
    }
  }
  assert {
    condition     = data.terraform_remote_state.net.outputs.id == "net-1"
    error_message = "id is ${data.terraform_remote_state.net.outputs.id}"
  }
}
