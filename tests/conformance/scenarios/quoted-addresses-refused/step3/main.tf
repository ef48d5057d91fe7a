import {
  to = "terraform_data.b"
  id = "x"
}
resource "terraform_data" "b" {}
