removed {
  from = terraform_data.y
  lifecycle {
    destroy = false
  }
}
moved {
  from = terraform_data.x
  to   = terraform_data.z
}
resource "terraform_data" "z" {
  count = 1
  input = count.index
}
