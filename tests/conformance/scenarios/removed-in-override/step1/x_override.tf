removed {
  from = terraform_data.z
  lifecycle { destroy = false }
}
