data "terraform_remote_state" "net" {
  for_each = toset(["net", "two"])
  backend  = "local"
  config = {
    path = "${each.key}.tfstate"
  }
  lifecycle {
    postcondition {
      condition     = self.outputs.id != ""
      error_message = "empty"
    }
    precondition {
      condition     = length(each.key) == 3
      error_message = "len"
    }
  }
}
output "ids" {
  value = { for k, s in data.terraform_remote_state.net : k => s.outputs.id }
}
