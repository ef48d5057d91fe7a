resource "terraform_data" "b" {
  input = 1
}
resource "terraform_data" "imp" {
}
moved {
  from = terraform_data.a
  to   = terraform_data.b
}
removed {
  from = terraform_data.gone
  lifecycle {
    destroy = false
  }
}
import {
  to = terraform_data.imp
  id = "some-id"
}
