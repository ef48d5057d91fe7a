check "c" {
  data "terraform_remote_state" "net" {
    backend = "local"
    config = {
      path = "net.tfstate"
    }
  }
  assert {
    condition     = data.terraform_remote_state.net.outputs.id == "net-2"
    error_message = "id is ${data.terraform_remote_state.net.outputs.id}"
  }
}
